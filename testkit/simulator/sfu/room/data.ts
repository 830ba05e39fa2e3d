import { DataPacket } from '@livekit/protocol';

import type { Participant } from './participant.js';

/** Passes a data packet on to those it is meant for, with the sender written into it. Never throws. */
export function forwardData(sender: Participant, label: string, message: Buffer, members: Iterable<Participant>): void {
  if (!sender.grant.canPublishData) return;
  let packet: DataPacket;
  try {
    packet = DataPacket.fromBinary(message);
  } catch {
    // No data packet: there is no other participant to pass it to.
    return;
  }
  packet.participantIdentity = sender.identity;
  packet.participantSid = sender.sid;
  if (packet.sequence > 0) sender.lastDataSequence = packet.sequence;
  let recipients = packet.destinationIdentities;
  if (packet.value.case === 'user') {
    const { value: user } = packet.value;
    user.participantIdentity = sender.identity;
    user.participantSid = sender.sid;
    if (recipients.length === 0) recipients = user.destinationIdentities;
  }
  const bytes = Buffer.from(packet.toBinary());
  for (const member of members) {
    if (member === sender) continue;
    if (recipients.length > 0 && !recipients.includes(member.identity)) continue;
    member.sendData(label, bytes);
  }
}
