import { portsContract } from '../testing/index.ts'
import { pacedWorld } from './paced.ts'

let seed = 0
portsContract('simulated Redis', async () => pacedWorld(++seed))
