// One point of the graphics card for each mark: a disc, a square, or a ring, in one pass.

import { NodeProgram, type ProgramInfo } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";

export const SHAPES = { disc: 0, square: 1, ring: 2 } as const;
export const PALE = 4; // added to a shape: its colour at the rim only, and light inside

let ground: readonly [number, number, number] = [1, 1, 1];

/** The colour of the page, `#rrggbb`: pale marks are mixed with it. */
export function setGround(colour: string): void {
  const part = (at: number): number => parseInt(colour.slice(at, at + 2), 16) / 255;
  ground = [part(1), part(3), part(5)];
}

const VERTEX = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
uniform float u_sizeRatio;
uniform float u_pixelRatio;
uniform mat3 u_matrix;
varying vec4 v_color;
varying float v_shape;
varying float v_width;
const float bias = 255.0 / 254.0;

void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  gl_PointSize = a_size / u_sizeRatio * u_pixelRatio * 2.0;
  v_width = gl_PointSize;
  v_shape = a_shape;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
}`;

const FRAGMENT = `
precision mediump float;
uniform vec3 u_ground;
varying vec4 v_color;
varying float v_shape;
varying float v_width;

void main() {
  float pale = step(3.5, v_shape);
  float shape = v_shape - 4.0 * pale;
  vec2 at = abs(gl_PointCoord - vec2(0.5));
  float away = shape > 0.5 && shape < 1.5 ? max(at.x, at.y) + 0.07 : length(at);
  float soft = 1.0 / max(v_width, 1.0);
  float inside = 1.0 - smoothstep(0.5 - soft, 0.5, away);
  float core = 1.0 - smoothstep(0.5 - 3.0 * soft, 0.5 - 2.0 * soft, away);
  if (shape > 1.5) inside *= 1.0 - core;
  #ifdef PICKING_MODE
  gl_FragColor = inside > 0.5 ? v_color : vec4(0.0);
  #else
  vec3 light = mix(u_ground, v_color.rgb, 0.3);
  gl_FragColor = vec4(mix(v_color.rgb, light, pale * core), v_color.a) * inside;
  #endif
}`;

const UNIFORMS = ["u_sizeRatio", "u_pixelRatio", "u_matrix", "u_ground"] as const;

export default class MarkProgram extends NodeProgram<(typeof UNIFORMS)[number]> {
  getDefinition() {
    return {
      VERTICES: 1,
      VERTEX_SHADER_SOURCE: VERTEX,
      FRAGMENT_SHADER_SOURCE: FRAGMENT,
      METHOD: WebGLRenderingContext.POINTS as 0,
      UNIFORMS,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: WebGLRenderingContext.FLOAT as 5126 },
        { name: "a_size", size: 1, type: WebGLRenderingContext.FLOAT as 5126 },
        { name: "a_shape", size: 1, type: WebGLRenderingContext.FLOAT as 5126 },
        { name: "a_color", size: 4, type: WebGLRenderingContext.UNSIGNED_BYTE as 5121, normalized: true },
        { name: "a_id", size: 4, type: WebGLRenderingContext.UNSIGNED_BYTE as 5121, normalized: true },
      ],
    };
  }

  processVisibleItem(nodeIndex: number, startIndex: number, data: NodeDisplayData & { shape?: number }): void {
    const { array } = this;
    array[startIndex] = data.x;
    array[startIndex + 1] = data.y;
    array[startIndex + 2] = data.size;
    array[startIndex + 3] = data.shape ?? SHAPES.disc;
    array[startIndex + 4] = floatColor(data.color);
    array[startIndex + 5] = nodeIndex;
  }

  setUniforms({ sizeRatio, pixelRatio, matrix }: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
    gl.uniform1f(uniformLocations.u_pixelRatio, pixelRatio);
    gl.uniform1f(uniformLocations.u_sizeRatio, sizeRatio);
    if (uniformLocations.u_ground) gl.uniform3f(uniformLocations.u_ground, ...ground);
    gl.uniformMatrix3fv(uniformLocations.u_matrix, false, matrix);
  }
}
