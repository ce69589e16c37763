"""Where an identity comes from: the environment or clouds.yaml, one source chosen whole."""
