"""The parts of an installation's settings; `engine.config` reads them and puts them together."""
