import { join } from 'node:path';
import ts from 'typescript';

/**
 * The compiler, as `nest build` calls it, on a tree that changes file by file: the first look takes
 * some seconds, each further one what the change and the files that depend on it take.
 */
export class TypeChecker {
  readonly #config: ts.ParsedCommandLine;
  readonly #host: ts.CompilerHost;
  readonly #parsed = new Map<string, ts.SourceFile>();
  #program: ts.SemanticDiagnosticsBuilderProgram | undefined;
  #changed: readonly string[] = [];

  constructor(private readonly root: string) {
    const file = join(root, 'tsconfig.build.json');
    const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as {
      config: object;
    };
    this.#config = ts.parseJsonConfigFileContent(config, ts.sys, root);
    this.#host = ts.createIncrementalCompilerHost({ ...this.#config.options, noEmit: true });
    const parse = this.#host.getSourceFile.bind(this.#host);
    this.#host.getSourceFile = (name, ...rest) => {
      const source = this.#parsed.get(name) ?? parse(name, ...rest);
      if (source) this.#parsed.set(name, source);
      return source;
    };
  }

  /** The first thing that is wrong now; `changed` are the files that differ from the first look. */
  complaint(changed: Iterable<string> = []): string | undefined {
    const files = [...changed];
    for (const file of [...this.#changed, ...files]) this.#parsed.delete(join(this.root, file));
    this.#changed = files;
    const { fileNames, options } = this.#config;
    const program = ts.createSemanticDiagnosticsBuilderProgram(
      fileNames,
      options,
      this.#host,
      this.#program,
    );
    this.#program = program;
    const [first] = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...program.getSyntacticDiagnostics(),
      ...program.getSemanticDiagnostics(),
    ];
    return first && ts.flattenDiagnosticMessageText(first.messageText, '\n');
  }
}
