// Clients of RudderStack for Node: each sends the calls it is told on standard input; what each gave up on is printed.
const Analytics = require('@rudderstack/rudder-sdk-node')
const revive = (_, value) => (value && value.$date ? new Date(value.$date) : value)

function send({ url, key, calls, options }) {
  const lost = []
  const errorHandler = (error) => lost.push(String(error))
  const settings = { dataPlaneUrl: url, flushInterval: 50, logLevel: 'none', errorHandler, ...options }
  const client = new Analytics(key, settings)
  for (const call of calls) for (const [method, message] of Object.entries(call)) client[method](message)
  client.flush()
  return lost
}

let said = ''
process.stdin.on('data', (piece) => (said += piece)).on('end', () => {
  const lost = JSON.parse(said, revive).map(send)
  process.on('exit', () => console.log(JSON.stringify(lost)))
})
