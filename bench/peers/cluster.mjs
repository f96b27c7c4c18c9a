// Runs a peer in WORKERS processes that share its port: node cluster.mjs yoga.mjs
import cluster from 'node:cluster'

if (cluster.isPrimary) {
  for (let at = 0; at < Number(process.env.WORKERS); at += 1) cluster.fork()
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.kill()
    process.exit(0)
  })
} else {
  await import(new URL(process.argv[2], import.meta.url))
}
