"""The site: handbook/ as it is written, with pages, map and syllabus that are made from the units."""
