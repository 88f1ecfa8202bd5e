/**
 * The operators that are known, by ONNX's name: what libs/models writes, and what PyTorch's exporter writes for models like ours.
 * Another one is a function here, in the file of its kind, and a case in operators.test.ts, which holds all of them to ONNX Runtime.
 * Source: https://onnx.ai/onnx/operators, as of operator set 13 and later.
 */
import type { Operator } from './call.js';
import { ELEMENTWISE } from './elementwise.js';
import { RECURRENT } from './lstm.js';
import { PRODUCTS } from './products.js';
import { REDUCTIONS } from './reductions.js';
import { SELECTIONS } from './selections.js';
import { SHAPES } from './shapes.js';

export const OPERATORS: Readonly<Record<string, Operator>> = { ...ELEMENTWISE, ...SHAPES, ...REDUCTIONS, ...PRODUCTS, ...RECURRENT, ...SELECTIONS };
