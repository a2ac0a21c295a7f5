"""Where blobs lie: a local folder, an object store, Bunny. All answer the port `BlobStore` of the core."""
