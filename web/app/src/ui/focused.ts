/** What has the focus in the tree that a node stands in: the page's own, or the shadow tree of an embedded inbox. */
export function focusedAround(node: Node): Element | null {
  const root = node.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}
