"""Sizes of the paper's towers and language model, and of small ones that a CPU trains."""

# A small BERT with cross-attention in each layer, as the official Q-Formers.
QFORMER = {"num_hidden_layers": 2, "cross_attention_frequency": 1}

# openai/clip-vit-large-patch14, its image half.
CLIP_VIT_L14 = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "projection_dim": 768,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 224,
    "patch_size": 14,
}

# TencentGameMate/chinese-hubert-large.
HUBERT_LARGE = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "feat_extract_norm": "layer",
    "conv_bias": True,
    "do_stable_layer_norm": True,
}

# Qwen/Qwen2.5-7B-Instruct.
QWEN2_5_7B = {
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "max_position_embeddings": 32768,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1_000_000.0},
    "tie_word_embeddings": False,
    "bos_token_id": 151643,
    "pad_token_id": 151643,
    "eos_token_id": 151645,
}

# The same classes, small enough to train from nothing on two CPU cores in minutes. Weights start
# larger than in the big models: at widths of 64 and 128 the usual 0.02 needs several times the
# epochs to learn a pitch contour or the shape of a mouth, and the wide positional convolution of
# the audio tower does as much for contours.
TINY_VISION = {
    "hidden_size": 64,
    "intermediate_size": 256,
    "projection_dim": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 56,
    "patch_size": 14,
    "initializer_factor": 3.0,
}
TINY_AUDIO = {
    "hidden_size": 64,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.06,
    # 320 samples a step: 50 steps a second, as in the large model.
    "conv_dim": [32, 64, 64],
    "conv_kernel": [20, 8, 4],
    "conv_stride": [10, 8, 4],
    "conv_bias": True,
    "do_stable_layer_norm": True,
    "num_conv_pos_embeddings": 64,
    "num_conv_pos_embedding_groups": 4,
    "hidden_dropout": 0.0,
    "activation_dropout": 0.0,
    "attention_dropout": 0.0,
    "layerdrop": 0.0,
    "apply_spec_augment": False,
    "mask_time_prob": 0.0,
}
TINY_QFORMER = {
    **QFORMER,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
TINY_TEXT = {
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "initializer_range": 0.06,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
    "tie_word_embeddings": True,
}
