// Several hosts on one machine: network namespaces, each with an address of its own, plugged into one switch. All of it lives in the
// namespaces of one process that ends with us, however we end, and takes everything along: nothing is ever added to the machine's own
// network, and nothing is left behind. As root, or as anybody where the kernel lets users make namespaces.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

export interface Host {
  readonly address: string
  /** Of a command that is to run there, what comes before it. */
  readonly on: readonly string[]
  /** Nothing comes in or goes out any more, and nobody is told. */
  unplug(): void
  plugIn(): void
}

export interface Network<Name extends string> {
  readonly hosts: Readonly<Record<Name, Host>>
  /** When nothing runs there any more. */
  remove(): Promise<void>
}

const NETWORK = '10.77.0'
const ownUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
/** Names of namespaces, and the mounts they are, are the holder's own. */
const unshare = ['unshare', ...ownUser, '--net', '--mount', 'sh', '-euc']
const PRIVATE_NAMES = 'mount -t tmpfs tmpfs /run'

/** Why this machine cannot play several; undefined: it can. */
export function whyNoHosts(): string | undefined {
  const [command, ...args] = [...unshare, [PRIVATE_NAMES, ...plug('trial', 1)].join('\n')]
  const { error, status, stderr } = spawnSync(command!, args, { encoding: 'utf8', timeout: 10_000 })
  if (error !== undefined) return `${command} (util-linux) cannot be run: ${error.message}`
  if (status === 0) return undefined
  return `no network namespaces here, which take root or unprivileged user namespaces, and ip (iproute2): ${stderr.trim()}`
}

export async function startNetwork<Name extends string>(...names: readonly Name[]): Promise<Network<Name>> {
  const setUp = [PRIVATE_NAMES, ...names.flatMap((name, i) => plug(name, i + 1)), 'echo ready', 'exec cat']
  const [command, ...args] = [...unshare, setUp.join('\n')]
  const holder = spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  holder.stderr.on('data', (text) => (said += text))
  const exited = once(holder, 'exit')
  await Promise.race([
    once(holder.stdout, 'data'),
    exited.then(() => Promise.reject(new Error(`the hosts could not be set up: ${said}`))),
  ])
  const inside = ownUser.length === 0 ? [] : [`--user=/proc/${holder.pid}/ns/user`, '--preserve-credentials']
  const onSwitch = (...words: readonly string[]): void => {
    const [enter, ...rest] = ['nsenter', ...inside, `--net=/proc/${holder.pid}/ns/net`, ...words]
    const { status, stderr } = spawnSync(enter!, rest, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  }
  const hostOf = (name: Name, i: number): Host => ({
    address: addressOf(i + 1),
    on: ['nsenter', ...inside, `--net=/proc/${holder.pid}/root/run/netns/${name}`, '--'],
    unplug: () => onSwitch('ip', 'link', 'set', name, 'down'),
    plugIn: () => onSwitch('ip', 'link', 'set', name, 'up'),
  })
  return {
    hosts: Object.fromEntries(names.map((name, i) => [name, hostOf(name, i)])) as Record<Name, Host>,
    remove: async () => {
      holder.stdin.end()
      await exited
    },
  }
}

const addressOf = (number: number): string => `${NETWORK}.${number}`

/** Commands that add a host, and the switch before the first. On the switch its port is called as the host is. */
const plug = (name: string, number: number): string[] => [
  ...(number === 1 ? ['ip link add switch type bridge', 'ip link set switch up'] : []),
  `ip netns add ${name}`,
  `ip link add ${name} type veth peer name eth0 netns ${name}`,
  `ip link set ${name} master switch up`,
  `ip -n ${name} address add ${addressOf(number)}/24 dev eth0`,
  `ip -n ${name} link set eth0 up`,
  `ip -n ${name} link set lo up`,
]
