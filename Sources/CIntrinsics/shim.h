// Instructions that Swift has no name for.

// Brings a cache line near: hardware does not foresee jumps between the planes of a feature map.
static inline void CIntrinsics_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
