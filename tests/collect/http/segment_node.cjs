// Clients of Segment for Node: each sends the calls it is told on standard input; what each gave up on is printed.
const { Analytics } = require('@segment/analytics-node')
const revive = (_, value) => (value && value.$date ? new Date(value.$date) : value)

function send({ url, key, calls, options }) {
  const lost = []
  const client = new Analytics({ writeKey: key, host: url, flushInterval: 50, ...options })
  client.on('error', (error) => lost.push(String(error.reason)))
  for (const call of calls) for (const [method, message] of Object.entries(call)) client[method](message)
  client.closeAndFlush({ timeout: 30000 })
  return lost
}

let said = ''
process.stdin.on('data', (piece) => (said += piece)).on('end', () => {
  const lost = JSON.parse(said, revive).map(send)
  process.on('exit', () => console.log(JSON.stringify(lost)))
})
