"""The vocabulary that both doors share: every operation, and the document made of them."""
