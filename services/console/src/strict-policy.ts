// Must be imported before anything that builds a schema: the page's policy forbids code from strings, and zod would try
// that once to see whether it may, which the browser reports as a violation.

import { z } from 'zod'

z.config({ jitless: true })
