export { drawWithSigma } from "./draw";
