/** The page's own functions that are called when something happens. */

/** Calls a listener; what it throws is reported as an uncaught error of the page, and stops nothing here. */
export function tell(listener, ...values) {
  try {
    listener?.(...values);
  } catch (error) {
    if (globalThis.reportError) globalThis.reportError(error);
    else queueMicrotask(() => { throw error; });
  }
}

/** Call options whose `onEvent` hands each event to a listener of its own too. */
export function listening(options, listeners) {
  const onEvent = (name, payload) => {
    if (Object.hasOwn(listeners, name)) tell(listeners[name], payload);
    tell(options.onEvent, name, payload);
  };
  return { ...options, onEvent };
}
