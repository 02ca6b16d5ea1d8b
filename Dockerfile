# A grader with everything in it, for systems on which submissions can't be isolated otherwise (macOS, Windows).
#
#     docker build -t under-budget .
#     docker run --rm -it --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
#         --security-opt systempaths=unconfined -v "$PWD":/course -v under-budget-key:/key under-budget \
#         course grade f01-shrink-ensemble
#
# The options let bubblewrap make its sandboxes: without them grading with a key of your own is refused.
FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 grader
COPY requirements-class.lock /opt/
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --no-deps -r /opt/requirements-class.lock
COPY pyproject.toml README.md LICENSE /opt/package/
COPY course /opt/package/course
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e /opt/package \
    && mkdir /course /key && chown grader /course /key
USER grader
ENV PATH="/opt/venv/bin:$PATH" COURSE_KEY_FILE=/key/key.json COURSE_ROOT=/course
WORKDIR /course
CMD ["course", "units"]
