import { assetOf, bucketAsset } from './asset-data.ts';
import type { GcpAsset, GcpBucket } from './types.ts';
import type { World } from './world.ts';

/** What happens in the world while nobody looks. Each change is later than everything before it. */
export class WorldChanges {
  readonly #world: World;
  #added = 1_000_000;

  constructor(world: World) {
    this.#world = world;
  }

  changeAssets(count: number): readonly GcpAsset[] {
    const time = this.#tick();
    const free = this.#world.assets.filter(({ assetType }) => /^(compute|bigquery|container)\./.test(assetType));
    const step = Math.max(1, Math.floor(free.length / count));
    const chosen = free.filter((_, index) => index % step === 0).slice(0, count);
    return chosen.map((asset) => {
      const data = { ...asset.resource.data, labels: { changed: time } };
      const changed = { ...asset, resource: { ...asset.resource, data }, updateTime: time };
      this.#replaceAsset(changed);
      return changed;
    });
  }

  addAssets(count: number, projectIndex = 0): readonly GcpAsset[] {
    const place = this.#world.places[projectIndex];
    if (place === undefined) throw new RangeError(`no project ${projectIndex}`);
    const time = this.#tick();
    const added = Array.from({ length: count }, () => assetOf(this.#world.seed, place, (this.#added += 5), time));
    // In front: a list that is not read as of one time would show some of the others twice or not at all.
    this.#world.assets = [...added, ...this.#world.assets];
    return added;
  }

  removeAsset(name: string): void {
    this.#tick();
    const rest = this.#world.assets.filter((asset) => asset.name !== name);
    if (rest.length === this.#world.assets.length) throw new RangeError(`no asset ${name}`);
    this.#world.assets = rest;
  }

  changeBuckets(count: number): readonly GcpBucket[] {
    const time = this.#tick();
    const changed = this.#world.buckets
      .slice(0, count)
      .map((bucket) => ({ ...bucket, labels: { changed: time }, updated: time }));
    for (const bucket of changed) {
      this.#world.buckets = this.#world.buckets.map((old) => (old.name === bucket.name ? bucket : old));
      const place = this.#world.places.find(({ project }) => project.name === `projects/${bucket.projectNumber}`);
      if (place !== undefined) this.#replaceAsset(bucketAsset(place, bucket));
    }
    return changed;
  }

  removeBucket(name: string): void {
    this.removeAsset(`//storage.googleapis.com/${name}`);
    this.#world.buckets = this.#world.buckets.filter((bucket) => bucket.name !== name);
    this.#world.policies = this.#world.policies.filter(({ resourceId }) => !resourceId.endsWith(`/${name}`));
  }

  #replaceAsset(changed: GcpAsset): void {
    this.#world.assets = this.#world.assets.map((asset) => (asset.name === changed.name ? changed : asset));
  }

  #tick(): string {
    this.#world.clock += 90_000;
    return new Date(this.#world.clock).toISOString();
  }
}
