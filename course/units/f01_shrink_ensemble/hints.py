"""Hints of f01, by step: from a nudge to nearly the way."""

HINTS = {
    "estimates": (
        "Write the units beside every number of the brief and multiply until only the unit of the answer is left.",
        "Every crop that the segmenter proposes is read: parcels a second, digits in a postcode, crops a digit. A "
        "quarter of a core is 0.25 s of core time in every second, shared by all of them.",
        "The controller is 20 times slower than the laptop: a budget there, divided by 20, is a budget here; a "
        "cost here, times 20, is a cost there. The link carries bits, the file has bytes: times 8.",
        "A parcel is read if five digits are: accuracy to the power of 5. Take the difference of the two shares, "
        "times the parcels of a day: 8 a second, 3,600 s an hour, 20 hours.",
    ),
    "baseline": (
        "Any linear classifier of the 784 pixels will do. What takes time here is the door, not the model.",
        "LogisticRegression needs no more than a hundred passes if the pixels are between 0 and 1 (its warning that "
        "it has not converged is harmless here); but the graph gets them between 0 and 255, so that division must be "
        "in the graph, or in the weights.",
        "to_onnx(model, one_row_of_float32, options={'zipmap': False}, target_opset=17) gives a graph with the "
        "input X and the outputs label and probabilities. "
        "skl2onnx.helpers.onnx_helper.select_model_inputs_outputs keeps one output.",
        "Rename what is left: in graph.graph.node every input 'X' becomes 'pixels' and every output 'label' "
        "becomes 'digit', and so does graph.graph.input[0].name. The output has lost its type: "
        "graph.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info('digit', onnx.TensorProto.INT64, "
        "['N'])) gives it one. Divide the fitted coef_ by 255 before you convert, and save with onnx.save.",
    ),
    "artifact": (
        "Put ten training rows beside ten scans of the line. What could you do to a training row so that it might "
        "have come from the line? The gap between the two is larger than the gap between models.",
        "Every number is in the brief: turns up to ten degrees, slants, a tenth in size, three pixels off centre, "
        "pens twice as thick. Redraw each training row many times with random amounts of all of these "
        "(scipy.ndimage.affine_transform for the shape, maximum_filter for the pen) and train on that.",
        "The budget of bytes and time fits one hidden layer. 784 x 64 weights and 64 x 10 in two bytes each are "
        "about 100 kB, and 51,000 multiplications a scan are cheap. More copies of each row, and several passes "
        "over them, are worth more than more units; the labels are better than the winner's opinion of rows that "
        "it never saw.",
        "MLPClassifier((64,)) with partial_fit on 16 redrawn copies of all rows, each seen about five times, "
        "reaches the target; averaging the weights of the last quarter of passes adds some. Write the graph by "
        "hand as compress.write does: MatMul, Add, Relu, MatMul, Add, ArgMax, with weights stored as float16 and a "
        "Cast behind each, and the division by 255 in the first weights.",
    ),
}
