// There is no Docker engine where most tests run, so what can be read is read: nothing is published that should not be,
// nobody is root, every file that is named exists.
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { has, read } from './repository.ts'

interface Service {
  image: string
  build?: { dockerfile: string }
  user?: string
  init?: boolean
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  tmpfs?: string[]
  pids_limit?: number
  command: string[]
  ports?: string[]
  networks: string[]
  volumes?: string[]
  environment?: Record<string, string>
  healthcheck?: { test?: string[]; disable?: boolean }
  depends_on?: Record<string, { condition: string }>
  secrets?: string[]
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean } | null>
  volumes: Record<string, unknown>
  secrets: Record<string, { file: string }>
}
const services = Object.entries(compose.services)
const redisUsers = read('infra/docker/redis-users.conf')
const dockerfile = read('infra/docker/Dockerfile')

describe('docker-compose.yml', () => {
  it('brings up what `npm start` brings up', () => {
    expect(Object.keys(compose.services)).toEqual(['redis', 'scheduler', 'executor', 'studies', 'api', 'demo'])
  })

  it.each(services)('%s runs without rights it does not need', (_, service) => {
    expect(service.user ?? /^USER (\w+)$/m.exec(dockerfile)?.[1]).toMatch(/^(redis|node)$/)
    expect(service).toMatchObject({ init: true, read_only: true, cap_drop: ['ALL'] })
    expect(service.security_opt).toContain('no-new-privileges:true')
    expect(service.pids_limit).toBeLessThanOrEqual(128)
    for (const option of ['privileged', 'cap_add', 'network_mode', 'pid', 'ipc', 'userns_mode', 'devices'])
      expect(service).not.toHaveProperty(option)
    // What it may write to holds no programs.
    for (const place of service.tmpfs ?? []) expect(place).toMatch(/noexec,nosuid,nodev/)
    for (const volume of service.volumes ?? []) expect(volume).not.toMatch(/docker\.sock|^\/|^\.:/)
  })

  it('gives each service its own name on Redis, and the password of nobody else', () => {
    const users = [...redisUsers.matchAll(/^user (\w+) on #\{(\w+)\}/gm)].map(([, user, hash]) => [user, hash])
    expect(users.sort()).toEqual(['api', 'executor', 'scheduler', 'studies'].map((name) => [name, name]))
    for (const [name] of users) {
      const { secrets, environment } = compose.services[name!]!
      expect(secrets).toEqual([`redis-${name}`])
      expect(environment).toMatchObject({
        DURE_REDIS_URL: `redis://${name}@redis:6379`,
        DURE_REDIS_PASSWORD_FILE: `/run/secrets/redis-${name}`,
      })
    }
    expect(compose.services.demo?.secrets).toBeUndefined()
  })

  it('lets nobody in who has no name, and nobody do what is dangerous', () => {
    expect(redisUsers).toContain('\nuser default off\n')
    const rules = redisUsers.split('\n').filter((line) => line.startsWith('user ') && !line.includes('default'))
    for (const line of rules) {
      expect(line).toMatch(/ resetchannels .*-@all/)
      expect(line).not.toMatch(/allkeys|allcommands|allchannels|\+@all|\+@dangerous|\+@admin|~\*|&\*/)
      expect(line.includes('+@write')).toBe(line.includes('+@write +client -@dangerous'))
    }
  })

  it.each(services)('%s tells whether it is well, and waits for what it needs', (_, service) => {
    expect(Boolean(service.healthcheck?.test) || service.healthcheck?.disable).toBe(true)
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(compose.services).toHaveProperty(needed)
      expect(condition).toBe('service_healthy')
    }
  })

  it.each(services)('%s names only what is there', (_, service) => {
    const script = service.command.find((word) => word.endsWith('.ts'))
    if (service.build) expect([script, has(script ?? '')]).toEqual([script, true])
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0] as string
      expect(source.startsWith('.') ? has(source) : source in compose.volumes).toBe(true)
    }
    for (const network of service.networks) expect(compose.networks).toHaveProperty(network)
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret)
  })

  it('publishes the API on this machine only, and Redis nowhere', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))
    expect(published).toEqual(['api 127.0.0.1:${DURE_PORT:-8080}:8080'])
    expect(compose.services.redis?.networks).toEqual(['inside'])
    expect(compose.networks.inside).toEqual({ internal: true })
  })

  it('contains no password', () => {
    const text = read('docker-compose.yml')
    expect(text).not.toMatch(/redis:\/\/[^/\s]*:[^/\s]*@/)
    expect(text).not.toMatch(/requirepass\s+(?!%s)\S/)
    for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`.dure/${name}`)
    // A hash of 64 digits would be one.
    expect(redisUsers).not.toMatch(/[>#][0-9a-f]{8}|requirepass/)
  })

  it('keeps every acknowledged write, as the private Redis does', () => {
    const conf = read('infra/docker/redis.conf')
    for (const line of ['appendonly yes', 'appendfsync always', 'maxmemory-policy noeviction', 'save ""']) {
      expect(conf.split('\n')).toContain(line)
    }
  })

  it('runs the Node that is pinned', () => {
    const { catalog } = parse(read('pnpm-workspace.yaml')) as { catalog: Record<string, string> }
    expect(/^ARG NODE_VERSION=(.*)$/m.exec(dockerfile)?.[1]).toBe(catalog.node)
  })
})
