// Written by `npm run transcripts` from core/PROTOCOL.md: change that page, then run it again.

export const protocolPage = `One line each: the time in milliseconds, a sign, and the rest.

- \`>\` the client sends this message, at this time. Nothing else is sent.
- \`<\` the service sends this message on the newest socket.
- \`*\` something happens: \`connect OPTIONS\`, \`disconnect\`, \`setPrompt TEXT\`, \`setImage IMAGE\`, \`socket opens\`,
  \`socket closes CODE REASON\`, \`socket refused STATUS\`, \`room joined\`, \`room published\`, \`room lost\`,
  \`stream published\`. Images are base64.
- \`=\` the client reports this: a \`state\`, the end of a call (\`done\` or the error's code), an \`error\`, whether it is
  \`waiting\` for a slot, or what became of the \`intent\`. Nothing else is reported.

### 1. Connect with a prompt

\`\`\`transcript
0 * connect {"initialPrompt":{"text":"anime"}}
0 = state connecting
5 * socket opens
5 > {"type":"livekit_join","passthrough":false}
5 > {"type":"prompt","prompt":"anime","enhance_prompt":true}
9 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
12 < {"type":"prompt_ack","prompt":"anime","success":true,"error":null}
20 * room joined
25 * room published
25 = state connected
30 * stream published
30 = connect done
40 < {"type":"generation_started"}
40 = state generating
50 * disconnect
50 = state disconnected
\`\`\`

### 2. Connect with nothing, through the queue

\`\`\`transcript
0 * connect {}
0 = state connecting
5 * socket opens
5 > {"type":"livekit_join","passthrough":true}
10000 < {"type":"queue_position","position":2,"queue_size":3}
90000 < {"type":"queue_position","queue_position":1,"queue_size":3}
200000 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
200010 * room joined
200010 * room published
200010 = state connected
200020 * stream published
200020 = connect done
200030 * disconnect
200030 = state disconnected
\`\`\`

### 3. Connect with an image, bundled

\`\`\`transcript
0 * connect {"initialImage":"AQID","initialPrompt":{"text":"hat","enhance":false},"handshake":"bundled"}
0 = state connecting
5 * socket opens
5 > {"type":"livekit_join","initial_state":{"type":"set_image","image_data":"AQID","prompt":"hat","enhance_prompt":false}}
9 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
20 * room joined
20 * room published
20 = state connected
21 * stream published
60 < {"type":"set_image_ack","success":true,"error":null}
60 = connect done
70 * disconnect
70 = state disconnected
\`\`\`

### 4. Prompts and images

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
3 * room joined
3 * room published
3 = state connected
3 * stream published
3 = connect done
10 * setPrompt rain
10 > {"type":"prompt","prompt":"rain","enhance_prompt":true}
11 * setPrompt snow
11 > {"type":"prompt","prompt":"snow","enhance_prompt":true}
12 * setImage AAAA
12 > {"type":"set_image","image_data":"AAAA"}
13 * setImage BBBB
20 < {"type":"prompt_ack","prompt":"snow","success":false,"error":"too cold"}
20 = setPrompt snow WEBRTC_SERVER_ERROR
21 < {"type":"prompt_ack","prompt":"rain","success":true,"error":null}
21 = setPrompt rain done
22 < {"type":"set_image_ack","success":true,"error":null}
22 = setImage AAAA done
22 > {"type":"set_image","image_data":"BBBB"}
23 < {"type":"error","error":"out of memory"}
23 = error WEBRTC_SERVER_ERROR
23 = setImage BBBB WEBRTC_SERVER_ERROR
30 * disconnect
30 = state disconnected
\`\`\`

### 5. A late ack

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
3 * room joined
3 * room published
3 = state connected
3 * stream published
3 = connect done
10 * setImage AAAA
10 > {"type":"set_image","image_data":"AAAA"}
25000 * setImage BBBB
30010 = setImage AAAA WEBRTC_TIMEOUT_ERROR
31000 < {"type":"set_image_ack","success":true,"error":null}
31000 > {"type":"set_image","image_data":"BBBB"}
32000 < {"type":"set_image_ack","success":true,"error":null}
32000 = setImage BBBB done
40000 * disconnect
40000 = state disconnected
\`\`\`

### 6. Lost acks

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
3 * room joined
3 * room published
3 = state connected
3 * stream published
3 = connect done
10 * setPrompt rain
10 > {"type":"prompt","prompt":"rain","enhance_prompt":true}
15010 = setPrompt rain WEBRTC_TIMEOUT_ERROR
16000 * setPrompt rain
16000 > {"type":"prompt","prompt":"rain","enhance_prompt":true}
17000 < {"type":"prompt_ack","prompt":"rain","success":true,"error":null}
31000 = setPrompt rain WEBRTC_TIMEOUT_ERROR
40000 * setPrompt rain
40000 > {"type":"prompt","prompt":"rain","enhance_prompt":true}
41000 < {"type":"prompt_ack","prompt":"rain","success":true,"error":null}
41000 = setPrompt rain done
50000 * setImage AAAA
50000 > {"type":"set_image","image_data":"AAAA"}
80000 = setImage AAAA WEBRTC_TIMEOUT_ERROR
82000 * setImage BBBB
95000 > {"type":"set_image","image_data":"BBBB"}
96000 < {"type":"set_image_ack","success":true,"error":null}
96000 = setImage BBBB done
97000 * disconnect
97000 = state disconnected
\`\`\`

### 7. A loss, and the latest prompt restored

\`\`\`transcript
0 * connect {"initialPrompt":{"text":"rain"}}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":false}
1 > {"type":"prompt","prompt":"rain","enhance_prompt":true}
2 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
2 < {"type":"prompt_ack","prompt":"rain","success":true,"error":null}
3 * room joined
3 * room published
3 = state connected
3 * stream published
3 = connect done
10 * setPrompt snow
10 > {"type":"prompt","prompt":"snow","enhance_prompt":true}
11 < {"type":"prompt_ack","prompt":"snow","success":true,"error":null}
11 = setPrompt snow done
12 * setPrompt hail
12 > {"type":"prompt","prompt":"hail","enhance_prompt":true}
20 * room lost
20 = state reconnecting
20 = setPrompt hail WEBRTC_ICE_ERROR
21 * socket opens
21 > {"type":"livekit_join","passthrough":false}
21 > {"type":"prompt","prompt":"snow","enhance_prompt":true}
22 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s2"}
23 * room joined
23 * room published
23 = state connected
24 * stream published
30 < {"type":"prompt_ack","prompt":"snow","success":true,"error":null}
30 = intent replayed
40 * disconnect
40 = state disconnected
\`\`\`

### 8. A socket lost right after room info is a failed try

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
2 * socket closes 1006
1003 * socket opens
1003 > {"type":"livekit_join","passthrough":true}
1004 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s2"}
1005 * room joined
1005 * room published
1005 = state connected
1005 * stream published
1005 = connect done
1006 * disconnect
1006 = state disconnected
\`\`\`

### 9. A refused key

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket refused 401
1 = state disconnected
1 = connect INVALID_API_KEY
1 = error INVALID_API_KEY
\`\`\`

### 10. The service ends the session

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
3 * room joined
3 * room published
3 = state connected
3 * stream published
3 = connect done
4 < {"type":"generation_started"}
4 = state generating
1004 < {"type":"generation_tick","seconds":1}
2004 < {"type":"generation_ended","seconds":2,"reason":"timeout"}
2004 = state disconnected
2004 = connect SESSION_TIME_LIMIT
2004 = error SESSION_TIME_LIMIT
2005 * socket closes 1000
\`\`\`

### 11. A full account

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"error","error":"Concurrent session limit reached."}
2 = state disconnected
2 = connect SESSION_LIMIT_REACHED
2 = error SESSION_LIMIT_REACHED
2 * socket closes 1013
\`\`\`

### 12. A full account, waited for

\`\`\`transcript
0 * connect {"whenFull":"wait"}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"error","error":"Concurrent session limit reached."}
2 = waiting true
2 * socket closes 1013
3002 * socket opens
3002 > {"type":"livekit_join","passthrough":true}
3003 < {"type":"livekit_room_info","livekit_url":"ws://127.0.0.1:7880","token":"t","room_name":"r","session_id":"s"}
3003 = waiting false
3004 * room joined
3004 * room published
3004 = state connected
3004 * stream published
3004 = connect done
3005 * disconnect
3005 = state disconnected
\`\`\`

### 13. Frames that are no messages

\`\`\`transcript
0 * connect {}
0 = state connecting
1 * socket opens
1 > {"type":"livekit_join","passthrough":true}
2 < {"type":"error"}
2 = error WEBRTC_SIGNALING_ERROR
3 < {"type":"generation_tick"}
3 = error WEBRTC_SIGNALING_ERROR
4 < {"type":"hologram"}
5 * socket closes 1008 Permission denied
5 = state disconnected
5 = connect WEBRTC_WEBSOCKET_ERROR
5 = error WEBRTC_WEBSOCKET_ERROR
\`\`\`
`;
