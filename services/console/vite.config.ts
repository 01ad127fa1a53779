// The page is served by the API under a policy that allows nothing inline and nothing from elsewhere, so everything it
// needs ends up in hashed files of its own.

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const workspaceSource = /\/packages\/[^/]+\/src\//

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // A data: URL would need an exception in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      treeshake: {
        // The contract is mostly schemas built at the top of its files; those the page does not use may go.
        moduleSideEffects: (id) => !workspaceSource.test(id),
      },
    },
  },
})
