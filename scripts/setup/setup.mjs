import { clip } from '../run.mjs';
import { alone } from './lock.mjs';
import { steps } from './steps.mjs';

/** @returns {Promise<boolean>} Whether the checkout is ready. */
export async function setup() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.log(`ridgeline needs Node 20.19 or newer; this is ${process.version}.`);
    return false;
  }
  if (steps.every((step) => step.isDone())) return true;
  return alone(async () => {
    for (const step of steps) {
      if (!step.isDone() && !(await report(step))) return false;
    }
    return true;
  });
}

/** @param {import('./steps.mjs').Step} step */
async function report(step) {
  const start = performance.now();
  process.stdout.write(`${step.name.padEnd(12)}${step.doing} … `);
  const { code, output, advice = step.advice } = await step.work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'done' : 'FAILED'} in ${seconds} s`);
  if (code === 0) return true;
  console.log(`\n${clip(output, 40)}\n\n${advice}`);
  return false;
}
