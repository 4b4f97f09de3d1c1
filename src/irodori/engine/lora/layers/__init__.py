"""What each kind of network does to one weight: its algebra, in float32."""
