"""The list of volumes as a model: its columns, its filter, and what is shown, marked and under the cursor."""
