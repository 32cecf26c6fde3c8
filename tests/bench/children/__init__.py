"""Programs that a figure starts in processes of their own. They import no more than what is measured."""
