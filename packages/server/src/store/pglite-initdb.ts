/**
 * A program of its own: makes a new database in the directory named by its argument. `initdb` in WebAssembly takes about 3.5 s
 * and 800 MB that a process never gives back, so the server lets a child have them.
 */
import { PGlite } from '@electric-sql/pglite';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: pglite-initdb <directory>');
// The parent holds the other end: without it nobody wants the result.
process.stdin.on('close', () => process.exit(1)).resume();
const pglite = await PGlite.create({ dataDir: directory });
await pglite.close();
process.exit(0);
