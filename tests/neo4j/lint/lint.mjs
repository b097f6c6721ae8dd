// What Neo4j's linter says of Cypher texts, as Cypher 5 and as Cypher 25.
//
// Reads {texts: {name: text}, schema: {labels, relationshipTypes, propertyKeys, parameters}} from
// standard input; writes [{name, language, line, message}].
import { lintCypherQuery } from '@neo4j-cypher/language-support';

let given = '';
for await (const chunk of process.stdin) given += chunk;
const { texts, schema } = JSON.parse(given);
const faults = [];
for (const [name, text] of Object.entries(texts)) {
  for (const language of ['CYPHER 5', 'CYPHER 25']) {
    const { diagnostics } = lintCypherQuery(text, { ...schema, defaultLanguage: language });
    for (const { message, range } of diagnostics) {
      faults.push({ name, language, line: range.start.line + 1, message });
    }
  }
}
process.stdout.write(JSON.stringify(faults));
