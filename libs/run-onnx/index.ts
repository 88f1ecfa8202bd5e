export { type OpenModel, openModel } from './open-model.js';
