// What Gephi Lite's parser of GEXF reads from a file: every node and edge with its attributes.
//
// node parse.mjs FILE.gexf, writes {multi, type, nodes: {id: attributes}, edges: {id: {source,
// target, attributes}}}.
import { readFileSync } from 'node:fs';
import Graph from 'graphology';
import { parse } from 'graphology-gexf';

const graph = parse(Graph, readFileSync(process.argv[2], 'utf8'));
const nodes = Object.fromEntries(graph.mapNodes((id, attributes) => [id, attributes]));
const edges = Object.fromEntries(
  graph.mapEdges((id, attributes, source, target) => [id, { source, target, attributes }]),
);
process.stdout.write(JSON.stringify({ multi: graph.multi, type: graph.type, nodes, edges }));
