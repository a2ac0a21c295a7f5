// Stands in for packages that nothing here calls: see ../package.json.
