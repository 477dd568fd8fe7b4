import { type DynamicModule, Module } from '@nestjs/common';
import { type ResolvedConfig, SETTINGS } from './settings.js';

/** Hands each module the settings it asks for. */
@Module({})
export class ConfigModule {
  static forRoot(config: ResolvedConfig): DynamicModule {
    const providers = Object.entries(SETTINGS).map(([name, token]) => ({
      provide: token,
      useValue: config[name as keyof ResolvedConfig],
    }));
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
