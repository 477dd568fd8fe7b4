import { Injectable } from '@nestjs/common';
import { AdjustGate } from '../adjust-gate.js';

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
