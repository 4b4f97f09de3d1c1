"""The drawing itself: one module for each subject; skia is imported only in here."""

from irodori.painter.raster.picture import draw_labels, paint

__all__ = ["draw_labels", "paint"]
