"""Rules of counting that are data of the installation: YAML beside the diagrams in, checked values out."""
