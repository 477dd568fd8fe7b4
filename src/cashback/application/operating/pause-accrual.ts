import { Injectable } from '@nestjs/common';
import { AdjustGate } from '../adjust-gate.js';

/**
 * Stops all replicas from asking the accrual system, until it is resumed; what was asked already is
 * settled.
 */
@Injectable()
export class HoldAsking {
  constructor(private readonly adjustGate: AdjustGate) {}

  /** Resolves with whether this made a difference: it may be held already. */
  async execute(): Promise<boolean> {
    let wasHeld = false;
    await this.adjustGate.execute((gate) => {
      wasHeld = gate.isHeld;
      gate.hold();
    });
    return !wasHeld;
  }
}

/** Lets all replicas ask the accrual system again; they find what is due within a tick. */
@Injectable()
export class ResumeAsking {
  constructor(private readonly adjustGate: AdjustGate) {}

  /** Resolves with how long it was held, in milliseconds; undefined where it was not. */
  async execute(): Promise<number | undefined> {
    let heldMs: number | undefined;
    await this.adjustGate.execute((gate) => {
      heldMs = gate.heldMs;
      gate.release();
    });
    return heldMs;
  }
}
