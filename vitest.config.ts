import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { waitingFiles } from './__test__/contract/waiting.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['__test__/**/*.test.ts'],
    // Parts of the contract that are not built yet, each with what it waits for.
    exclude: waitingFiles.filter((file) => !file.runs).map((file) => `__test__/contract/${file.name}`),
    // Knows the single tests of the contract that wait.
    runner: './__test__/contract/runner.ts',
    // Node itself loads the package, once a process and as a user's program would: never a transformed copy of it.
    server: { deps: { external: [/\/(dist|native)\/.*\.js$/] } },
    testTimeout: 60_000,
  },
});

export default config;
