"""Dreams that move: films, animations and layers as frames."""

from deepdream_core.video.film_dream import dream_video as dream_video
