import { Component, computed } from '@angular/core';
import { injectDecartStats } from 'decart-rx/angular';

/** What is measured, once a second. */
@Component({
  selector: 'app-measures',
  template: `
    <dl>
      @for (measure of measures(); track measure.name) {
        <div>
          <dt>{{ measure.name }}</dt>
          <dd>{{ measure.text }}</dd>
        </div>
      }
    </dl>
  `,
})
export class Measures {
  private readonly stats = injectDecartStats();

  protected readonly measures = computed(() => {
    const stats = this.stats();
    const bitrate = stats?.video?.bitrate;
    const roundTrip = stats?.connection.currentRoundTripTime;
    return [
      { name: 'Frame rate', text: inUnit(stats?.video?.framesPerSecond, 'fps') },
      { name: 'Bitrate in', text: inUnit(bitrate == null ? null : bitrate / 1000, 'kbps') },
      { name: 'Round trip', text: inUnit(roundTrip == null ? null : roundTrip * 1000, 'ms') },
      { name: 'Glass to glass', text: inUnit(stats?.latency.medianMs, 'ms') },
    ];
  });
}

const inUnit = (value: number | null | undefined, unit: string): string =>
  value == null ? '–' : `${Math.round(value)} ${unit}`;
