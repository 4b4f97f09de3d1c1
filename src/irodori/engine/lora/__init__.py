"""Networks: small files that change a model's weights while a picture is drawn."""
