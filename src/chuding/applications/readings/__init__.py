"""What uploaded papers say: kept once for each material, shown beside what was typed, and never decided on."""
