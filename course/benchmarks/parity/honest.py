"""Models whose conversion answers what they answer: a comparison must stay silent."""

from __future__ import annotations

from course.benchmarks.parity.models import Made


def honest() -> dict[str, Made]:
    """Each by what it is: how it is made."""
    from sklearn import (
        calibration,
        cluster,
        decomposition,
        discriminant_analysis,
        ensemble,
        linear_model,
        mixture,
        multiclass,
        naive_bayes,
        neighbors,
        neural_network,
        preprocessing,
        svm,
        tree,
    )
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    logistic, bayes = linear_model.LogisticRegression, naive_bayes.GaussianNB
    boosted = ensemble.HistGradientBoostingClassifier
    members = [("a", logistic()), ("b", bayes())]
    return {
        "logistic regression": lambda d: d.fit(logistic(), d.X, d.three),
        "logistic regression behind a scaler": lambda d: d.fit(
            make_pipeline(SimpleImputer(), preprocessing.StandardScaler(), logistic()), d.holes, d.two
        ),
        "ridge": lambda d: d.fit(linear_model.Ridge(), d.X, d.score),
        "Poisson regression": lambda d: d.fit(linear_model.PoissonRegressor(), d.X, d.positive),
        "gamma regression": lambda d: d.fit(linear_model.GammaRegressor(), d.X, d.positive),
        "quantile regression": lambda d: d.fit(linear_model.QuantileRegressor(alpha=0), d.X, d.score),
        "SGD, logistic": lambda d: d.fit(linear_model.SGDClassifier(loss="log_loss", random_state=0), d.X, d.three),
        "SGD, modified Huber, two classes": lambda d: d.fit(
            linear_model.SGDClassifier(loss="modified_huber", random_state=0), d.X, d.two
        ),
        "boosting": lambda d: d.fit(boosted(max_iter=20), d.X, d.three),
        "boosting, missing values": lambda d: d.fit(boosted(max_iter=20), d.holes, d.by_holes),
        "boosting of a number": lambda d: d.fit(ensemble.HistGradientBoostingRegressor(max_iter=20), d.holes, d.score),
        "gradient boosting": lambda d: d.fit(ensemble.GradientBoostingClassifier(random_state=0), d.X, d.two),
        "AdaBoost": lambda d: d.fit(ensemble.AdaBoostClassifier(n_estimators=20, random_state=0), d.X, d.three),
        "random forest": lambda d: d.fit(ensemble.RandomForestClassifier(25, random_state=0), d.X, d.two),
        "random forest of a number": lambda d: d.fit(ensemble.RandomForestRegressor(25, random_state=0), d.X, d.score),
        "one tree on a grid": lambda d: d.fit(tree.DecisionTreeClassifier(random_state=0), d.grid, d.by_grid),
        "bagging of trees": lambda d: d.fit(
            ensemble.BaggingClassifier(tree.DecisionTreeClassifier(max_depth=4), 10, random_state=0), d.X, d.three
        ),
        "votes, soft": lambda d: d.fit(
            ensemble.VotingClassifier(members, voting="soft", flatten_transform=False), d.X, d.three
        ),
        "stacking": lambda d: d.fit(ensemble.StackingClassifier(members), d.X, d.three),
        "sigmoid calibration": lambda d: d.fit(
            calibration.CalibratedClassifierCV(svm.LinearSVC(), method="sigmoid"), d.X, d.two
        ),
        "SVC": lambda d: d.fit(svm.SVC(), d.X, d.three),
        "SVR": lambda d: d.fit(svm.SVR(), d.X, d.score),
        "net": lambda d: d.fit(neural_network.MLPClassifier((20,), max_iter=50, random_state=0), d.X, d.three),
        "naive Bayes": lambda d: d.fit(bayes(), d.X, d.three),
        "complement naive Bayes": lambda d: d.fit(naive_bayes.ComplementNB(), d.counts, d.three),
        "discriminant, three classes": lambda d: d.fit(
            discriminant_analysis.LinearDiscriminantAnalysis(), d.X, d.three
        ),
        "one against the rest": lambda d: d.fit(multiclass.OneVsRestClassifier(logistic()), d.X, d.three),
        "neighbours": lambda d: d.fit(neighbors.KNeighborsClassifier(5), d.X, d.three),
        "k-means": lambda d: d.fit(cluster.KMeans(4, random_state=0, n_init=2), d.X),
        "mixture": lambda d: d.fit(mixture.GaussianMixture(3, random_state=0), d.X),
        "principal components": lambda d: d.fit(decomposition.PCA(3), d.X + 1000),
        "one-hot encoder": lambda d: d.fit(
            preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False), d.names
        ),
        "ordinal encoder": lambda d: d.fit(
            preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), d.names
        ),
        "bins": lambda d: d.fit(preprocessing.KBinsDiscretizer(5, encode="ordinal"), d.X),
        "power transformer": lambda d: d.fit(preprocessing.PowerTransformer(), d.X),
        "words counted": lambda d: d.fit(CountVectorizer(), d.texts),
        "tf-idf": lambda d: d.fit(TfidfVectorizer(norm="l1"), d.texts),
    }
