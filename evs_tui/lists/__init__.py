"""The short lists beside the volumes, as both faces show them: images and jobs, their columns and filter words."""
