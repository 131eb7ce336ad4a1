export type Task = () => Promise<void>;

/**
 * Runs tasks, so many at once. A task may add others. After an error, or once it is told to stop, no task is started; those
 * under way come to their end.
 */
export class TaskQueue {
  readonly #most: () => number;
  readonly #isStopped: () => boolean;
  readonly #onError: (error: unknown) => void;
  readonly #tasks: Task[] = [];
  #active = 0;
  #failed: { readonly error: unknown } | undefined;
  #pump: () => void = () => undefined;

  /** `most` is asked before each task. */
  constructor(most: () => number, isStopped: () => boolean, onError: (error: unknown) => void) {
    this.#most = most;
    this.#isStopped = isStopped;
    this.#onError = onError;
  }

  add(task: Task): void {
    this.#tasks.push(task);
    this.#pump();
  }

  /** Before all that wait. */
  addFirst(tasks: readonly Task[]): void {
    this.#tasks.unshift(...tasks);
    this.#pump();
  }

  /** Resolves when nothing is left to do, or it is to stop; rejects with the first error. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pump = () => {
        while (this.#active < this.#most() && this.#failed === undefined && !this.#isStopped()) {
          const task = this.#tasks.shift();
          if (task === undefined) break;
          this.#start(task);
        }
        if (this.#active > 0) return;
        if (this.#failed === undefined) resolve();
        else reject(this.#failed.error);
      };
      this.#pump();
    });
  }

  #start(task: Task): void {
    this.#active += 1;
    void task()
      .catch((error: unknown) => {
        if (this.#failed !== undefined) return;
        this.#failed = { error };
        this.#onError(error);
      })
      .finally(() => {
        this.#active -= 1;
        this.#pump();
      });
  }
}
