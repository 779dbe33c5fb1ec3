/** A part of a page that shows what one RoomClient knows: a custom element without a shadow, so that the page's styles hold. */

const HIDDEN_RENDER_MS = 250;

/**
 * Give it a `client`; it renders when something changed, at most once a frame however much did, and stops listening when it
 * leaves the page. Its own elements are made once, in `build`; `render` brings them up to date.
 */
export class RoomElement extends HTMLElement {
  #client = null;
  #stopListening = () => {};
  #cancelRender = null;
  #isBuilt = false;

  get client() {
    return this.#client;
  }

  set client(client) {
    if (client === this.#client) return;
    this.#stopListening();
    this.#client = client;
    this.#stopListening = () => {};
    if (this.isConnected) this.#follow();
  }

  connectedCallback() {
    if (!this.#isBuilt) {
      this.#isBuilt = true;
      this.build();
    }
    this.#follow();
  }

  disconnectedCallback() {
    this.#stopListening();
    this.#stopListening = () => {};
    this.#cancelRender?.();
    this.#cancelRender = null;
    this.stop();
  }

  #follow() {
    if (this.#client === null) return;
    this.#stopListening();
    this.#stopListening = this.listen(this.#client);
    this.render();
  }

  /** Start listening; answers how to stop. What needs more than "something changed" listens here too. */
  listen(client) {
    return client.on("changed", () => this.renderSoon());
  }

  /** Hundreds of changes within a frame are one rendering. A tab in the background has no frames, but a title to keep. */
  renderSoon() {
    if (this.#cancelRender) return;
    const render = () => {
      this.#cancelRender?.();
      this.#cancelRender = null;
      if (this.isConnected && this.#client) this.render();
    };
    const frame = requestAnimationFrame(render);
    const timer = setTimeout(render, HIDDEN_RENDER_MS);
    this.#cancelRender = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }

  build() {}

  render() {}

  /** It has left the page: timers end here. */
  stop() {}
}
