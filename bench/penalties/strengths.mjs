// What all programs of bench/penalties have in common with the peers' w3_reg.py.
import { penalty } from 'ridgeline';

export const LR = 1e-3;
const LAMBDA = 1e-4;

/** Options of a group for each kind of penalty: none, by gradient, by prox after the step. */
export const KINDS = {
  none: {},
  l1: { penalty: penalty.l1(LAMBDA), apply: 'coupled' },
  l2: { penalty: penalty.l2(LAMBDA), apply: 'coupled' },
  enet: { penalty: penalty.elasticNet({ l1: LAMBDA, l2: LAMBDA }), apply: 'coupled' },
  prox_l1: { penalty: penalty.l1(LAMBDA), apply: 'proximal-decoupled' },
};
