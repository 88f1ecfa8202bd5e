/**
 * The serving contract (design section 6): `model.json` beside encoder.onnx and state.onnx names every input,
 * output and state tensor with its shape; batch is the first, dynamic dimension and is not listed in `shape`.
 * The ports are what run-onnx and run-tfjs implement and what score-with-state calls.
 */
export type TensorType = 'float32' | 'int32';

export interface TensorSpec {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions after the batch dimension; -1 where it varies (sequence length). */
  readonly shape: readonly number[];
}

/** A state tensor enters the step under `name` and leaves it under `next`. A new key starts with zeros. */
export interface StateTensorSpec extends TensorSpec {
  readonly next: string;
}

export interface TokenizerSpec {
  /** File beside model.json that holds the vocabulary, one word a line, line number = row of the embedding minus `firstWordRow`. */
  readonly vocabulary: string;
  readonly vocabularySize: number;
  /** Rows of hashed character n-grams, behind the words. */
  readonly hashRows: number;
  /** Rows looked up and summed for each token: 1 for its word, the rest for its n-grams; 0 is the empty row. */
  readonly slots: number;
  /** Tokens read at most; the head and the tail of a longer text are kept. */
  readonly maxTokens: number;
  /** True: a word of the vocabulary has its own row alone, and only an unknown one those of its n-grams. False where left out. */
  readonly knownAlone?: boolean | undefined;
}

export interface ModelManifest {
  readonly contract: 1;
  readonly modelId: string;
  readonly stream: 'reviews' | 'quotes';
  readonly encoder?: {
    readonly file: string;
    readonly inputs: readonly TensorSpec[];
    readonly outputs: readonly TensorSpec[];
    readonly tokenizer: TokenizerSpec;
    /** Hard attention, where the encoder has it: of texts of more than `over` tokens it reads `keep`. For people; the graph does it. */
    readonly selects?: { readonly over: number; readonly keep: number } | undefined;
  };
  readonly state: {
    readonly file: string;
    readonly features: TensorSpec;
    readonly tensors: readonly StateTensorSpec[];
    readonly outputs: readonly TensorSpec[];
    /**
     * Optional: the same step for whole stretches of events in one call. Features are [S, B, F], time first, beside them
     * `lengths` int32 [B] and the state tensors as in `file`; outputs are [S, B, ...shape], next states those after each
     * stretch's last step. Must give the bits that `file` gives step by step; that is tried when the model is opened.
     */
    readonly sequence?: { readonly file: string };
    /** Optional, review models: the service adds two state tensors of its own, and corrects `logit` by what they, and those of the review's source, have learnt. */
    readonly recalibration?: Recalibration;
  };
  /** Quote models: forecast horizons in bars and the quantile levels of each, ascending. */
  readonly horizons?: readonly number[];
  readonly levels?: readonly number[];
  /** Review models: logit' = logit / temperature, fitted on data kept apart. */
  readonly temperature?: number;
  /** sha256 of each file, hex. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** Prior variances of what stars add to the log odds, and by which share of them a variance widens again at each review with stars. */
export interface RecalibrationPrior {
  /** Of the constant. */
  readonly intercept: number;
  /** Of the weight of half the log odds. */
  readonly slope: number;
  /** Of the weight of each number of the review vector. */
  readonly vector: number;
  /** 0 to 1, usually far below. */
  readonly drift: number;
}

/** Learning from stars beside the model's state (libs/models/reviews/recalibration.ts): from each product's own, and where `source` is given, from those of all products of a source together. */
export interface Recalibration extends RecalibrationPrior {
  readonly source?: RecalibrationPrior | undefined;
}

/** A model's recalibration at work on single reviews, in the order of their stream. */
export interface ReviewRecalibrator {
  /** Zeros for a new source; null where the model learns nothing of sources. */
  readonly freshSource: (() => HiddenState) | null;
  /** State tensors of a source. */
  readonly sourceTensors: readonly Pick<StateTensorSpec, 'name' | 'shape'>[];
  /** Names of the tensors among a product's hidden state that are the service's. */
  readonly productTensors: readonly string[];
  /**
   * product, source: tensors by name, changed in place by the review's stars; source null: the product's own alone.
   * @returns the corrected log odds, as uncalibrated as `logit`; the review's own stars have no part in it
   */
  correct(product: HiddenState, source: HiddenState | null, logit: number, vector: Float32Array, rating: number | null): number;
}

/** A word of the text and the share of the attention that fell on it. Offsets are UTF-16 code units into the text that was given. */
export interface WordWeight {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

/** Below this share of known words a score is right clearly less often (docs/review-model.md); the page says so. */
export const FEW_KNOWN_WORDS = 0.8;

export interface EncodedText {
  /** Review vector, [vectorSize]. A view: copy it before keeping it. */
  readonly vector: Float32Array;
  /** Uncalibrated log odds of "negative" from the text alone. */
  readonly logit: number;
  /**
   * Share of the text's words that stand in the model's vocabulary, 0 to 1; null for a text without words. Where it is low the text is in another
   * language or distorted, and its log odds are right less often.
   */
  readonly knownWords: number | null;
  /** The words with the highest attention, at most five, highest first. */
  readonly topWords: readonly WordWeight[];
}

/** Text to vector. A text's result depends on that text alone, to the last bit, whatever it is batched with. */
export interface TextEncoder {
  readonly modelId: string;
  readonly vectorSize: number;
  encode(texts: readonly string[]): Promise<readonly EncodedText[]>;
  close(): Promise<void>;
}

/** Tensors of one key, without batch dimension, by their manifest `name`. Frozen by convention: a step makes new arrays. */
export type HiddenState = Readonly<Record<string, Float32Array>>;

export interface StepResult {
  /** By output name, [B, ...shape]. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  /** By state `name` (not `next`), [B, ...shape]. */
  readonly states: Readonly<Record<string, Float32Array>>;
}

/** One step for B different keys. A key's result does not depend on the others in the batch, to the last bit. */
export interface StateStepper {
  readonly modelId: string;
  readonly featureSize: number;
  readonly tensors: readonly StateTensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** features: [B, featureSize]; states: by `name`, [B, ...shape]. */
  step(batch: number, features: Float32Array, states: Readonly<Record<string, Float32Array>>): Promise<StepResult>;
  /**
   * Where the model has a graph for it: up to `steps` steps of each of B keys at once, to the bit those of `step`.
   * features: [S, B, featureSize], time first; lengths: [B], 1 to S each. Outputs are [S, B, ...shape], of no meaning behind
   * a key's length; states are those after each key's last step.
   */
  readonly sequence?: (steps: number, lengths: Int32Array, features: Float32Array, states: Readonly<Record<string, Float32Array>>) => Promise<StepResult>;
  close(): Promise<void>;
}
