/**
 * The folder rule, enforced: a lib whose name contains a technology may import that technology; the others are pure.
 * Stages never import each other, I/O libs never meet, apps compose. test/architecture proves that each rule refuses.
 */
const PURE = '^libs/(decode-events|batch-by-key|models|score-with-state|serve-models|detect-surge|explain-surge|forecast-prices|drive-stream|simulate-feed|backtest-surges|compare-detectors|score-series|plan-notifications|group-surges|seeded-random|contracts)/';
const IO = 'consume-kafka|consume-files|run-onnx|run-tfjs|encode-in-threads|commit-postgres|notify-http|local-services';
const TESTS = '\\.test\\.ts$';

const rule = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    rule('pure-stages-take-no-technology',
      'A folder without a technology in its name is pure: move the import to an app or to an I/O lib, and pass what it gives as an argument (a port in libs/contracts).',
      { path: PURE, pathNot: TESTS },
      { path: '^(node_modules/(?!zod)|fs|net|http|https|child_process|worker_threads|timers|os|dgram|tls|dns|process|readline|perf_hooks|cluster)', pathNot: '^(crypto|zlib|util|buffer)$' }),
    rule('contracts-import-nothing',
      'libs/contracts holds the nouns that all share: it may not depend on any other folder.',
      { path: '^libs/contracts/' }, { pathNot: '^libs/contracts/', path: '^(libs|apps|migrations|test|dashboards)/' }),
    rule('stages-never-import-each-other',
      'Stages and I/O libs meet only in apps: share a noun through libs/contracts, or compose the two in the worker\'s pipeline.ts. (Shared are models, which the engines run-onnx and run-tfjs and train-models may use, seeded-random, and what the engines stand on: serve-models and encode-in-threads. train-models may use the pure stages, so that it trains on the very features that are served.)',
      { path: '^libs/([^/]+)/', pathNot: [TESTS, '^libs/(testkit|train-models)/'] },
      { path: '^libs/([^/]+)/', pathNot: ['^libs/$1/', '^libs/(contracts|models|seeded-random|serve-models|encode-in-threads)/'] }),
    rule('training-uses-only-pure-libs',
      'train-models may use contracts, models and the pure stages; what is read or written elsewhere is passed in by the CLI.',
      { path: '^libs/train-models/', pathNot: TESTS }, { path: `^libs/(${IO})/` }),
    rule('only-engines-and-training-use-models',
      'libs/models defines graphs and the tokenizer for the engines and train-models; a stage sees a model only through the ports in libs/contracts.',
      { path: '^libs/', pathNot: ['^libs/(models|serve-models|run-onnx|run-tfjs|train-models|testkit)/', TESTS] }, { path: '^libs/models/' }),
    rule('only-engines-stand-on-serving',
      'serve-models and encode-in-threads are what run-onnx and run-tfjs have in common; a stage sees a model only through the ports in libs/contracts.',
      { path: '^libs/', pathNot: ['^libs/(serve-models|encode-in-threads|run-onnx|run-tfjs)/', TESTS] }, { path: '^libs/(serve-models|encode-in-threads)/' }),
    rule('only-consume-kafka-knows-kafkajs',
      'kafkajs stays behind the StreamConsumer and StreamProducer ports.',
      { path: '.', pathNot: ['^libs/consume-kafka/', '^libs/testkit/', '^test/'] }, { path: 'node_modules/(kafkajs|snappy|lz4-napi)' }),
    rule('only-postgres-folders-know-pg',
      'SQL belongs to commit-postgres (the flow), local-services (starting it), apps/console and apps/scheduler (reading views and fenced writes).',
      { path: '.', pathNot: ['^libs/(commit-postgres|local-services|testkit)/', '^apps/', '^migrations/', '^test/'] }, { path: 'node_modules/(pg|pg-copy-streams|typeorm)/' }),
    rule('only-engines-know-onnxruntime',
      'onnxruntime-node is loaded by run-onnx (serving) and train-models (gradients) only.',
      { path: '.', pathNot: ['^libs/(run-onnx|train-models|testkit)/', '^test/', TESTS] }, { path: 'node_modules/onnxruntime' }),
    rule('only-run-tfjs-knows-tensorflow',
      'TensorFlow.js is loaded by run-tfjs, by name and where it is installed; elsewhere a model is seen through the ports in libs/contracts.',
      { path: '.', pathNot: '^libs/run-tfjs/' }, { path: '@tensorflow/' }),
    rule('libs-know-no-nest',
      'Nest is for apps: a lib gets what it needs as arguments.',
      { path: '^libs/' }, { path: 'node_modules/@nestjs/' }),
    rule('libs-never-import-apps', 'Apps compose libs, never the other way round.', { path: '^libs/' }, { path: '^apps/' }),
    rule('product-never-imports-tests', 'testkit and test/ are for tests.',
      { path: '^(apps|libs|migrations)/', pathNot: [TESTS, '^libs/testkit/'] }, { path: '^(test|libs/testkit)/' }),
    rule('no-cycles', 'A cycle hides which of the two is the lower layer.', {}, { circular: true }),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['tidewatch-source', 'import', 'require', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
