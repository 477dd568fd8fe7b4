import { v7 } from 'uuid';
import { IdGenerator } from '../application/id-generator.js';

export class UuidV7Ids extends IdGenerator {
  next(): string {
    return v7();
  }
}
