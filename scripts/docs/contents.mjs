// The table of contents: what the site's side bar shows, and llms.txt lists. Files are in docs/, unless the build makes
// them.
export const contents = [
  {
    title: 'Begin',
    pages: [
      { file: 'start.md', title: 'Five minutes without a key', about: 'install, stream, prompt, see frames come back' },
      { file: 'connect.md', title: 'Connect and render', about: 'sessions, streams, cameras, video elements' },
      { file: 'prompts.md', title: 'Prompts and images', about: 'acknowledged changes, latest wins, reference images' },
      { file: 'keys.md', title: 'Ephemeral keys', about: 'short-lived keys from your server' },
    ],
  },
  {
    title: 'Sessions',
    pages: [
      { file: 'reconnect.md', title: 'Reconnect and intent', about: 'what happens when the network is lost' },
      { file: 'sessions-end.md', title: 'Sessions end', about: 'by whom, why, and how one takes the place of another' },
      { file: 'cost.md', title: 'What it costs', about: 'usage, prices, limits' },
      { file: 'quality.md', title: 'Quality and latency', about: 'statistics, verdicts, true latency, preflight' },
      { file: 'states.md', title: 'The states of a session', about: 'a diagram made from the reducer' },
    ],
  },
  {
    title: 'Platforms',
    pages: [
      { file: 'browser.md', title: 'Browsers', about: 'what a page loads, bundlers, policies, cameras' },
      { file: 'node.md', title: 'Node', about: 'frames in, frames out, ending with the process' },
      {
        file: 'compatibility.md',
        title: 'What works with what',
        about: 'tool chains, runtimes, peers: results of runs',
      },
      { file: 'angular.md', title: 'Angular', about: 'sessions, cameras and viewers as signals' },
      { file: 'direct-webrtc.md', title: 'Direct WebRTC and the avatar', about: 'the older mode, without LiveKit' },
    ],
  },
  {
    title: 'Testing',
    pages: [
      { file: 'testing.md', title: 'Without a key', about: 'the simulator, scenarios in virtual time, jest' },
      { file: 'simulator.md', title: 'The simulator', about: 'what it serves, its options and faults' },
      { file: 'scaling.md', title: 'Scaling', about: 'LiveKit servers and clusters' },
    ],
  },
  {
    title: 'Extending',
    pages: [
      { file: 'transports.md', title: 'Writing a transport', about: 'ports and their conformance suites' },
      {
        file: 'frame-processors.md',
        title: 'Writing a frame processor',
        about: 'changing frames before they are sent',
      },
      { file: 'architecture.md', title: 'Architecture', about: 'the one road, and where to add what' },
      { file: 'protocol.md', title: 'The protocol', about: 'messages, timing and transcripts' },
    ],
  },
  {
    title: 'Migrating',
    pages: [
      {
        file: 'from-javascript.md',
        title: 'From the JavaScript SDK',
        about: 'names of @decartai/sdk and their place here',
      },
      {
        file: 'from-android.md',
        title: 'From the Android SDKs',
        about: 'names of both Android SDKs and their place here',
      },
    ],
  },
];
