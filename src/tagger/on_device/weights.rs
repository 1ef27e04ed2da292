//! The weights in the model file, by name.

use std::collections::HashMap;

use rten_onnx::onnx::{DataType, ModelProto, TensorProto};

/// All numbers that the file has.
pub(super) struct Weights(HashMap<String, TensorProto>);

impl Weights {
    /// Reads the file; only its numbers, not how they are put together.
    ///
    /// # Errors
    /// A sentence, where these bytes are no such file.
    pub(super) fn read(onnx: &[u8]) -> Result<Self, String> {
        let model = ModelProto::parse_buf(onnx).map_err(|fault| fault.to_string())?;
        let graph = model.graph.ok_or("there is no graph in it")?;
        let named = |tensor: TensorProto| Some((tensor.name.clone()?, tensor));
        Ok(Self(graph.initializer.into_iter().filter_map(named).collect()))
    }

    /// The numbers of this name, in the order of the file.
    ///
    /// # Errors
    /// A sentence, where they are not there or are no floats.
    pub(super) fn floats(&mut self, name: &str) -> Result<Vec<f32>, String> {
        let bytes = self.bytes(name, DataType::FLOAT)?;
        let (numbers, _) = bytes.as_chunks();
        Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The weights of one layer, each output's in turn: floats, or 8 bits with one scale an output.
    ///
    /// # Errors
    /// A sentence, where they are not there.
    pub(super) fn of(&mut self, layer: &str) -> Result<Vec<f32>, String> {
        if self.0.contains_key(&format!("{layer}.weight")) {
            return self.floats(&format!("{layer}.weight"));
        }
        let small = self.bytes(&format!("{layer}.q"), DataType::INT8)?;
        let scales = self.floats(&format!("{layer}.scale"))?;
        let each = small.len() / scales.len().max(1);
        if each == 0 || !small.len().is_multiple_of(scales.len()) {
            return Err(format!("{layer} has {} weights with {} scales", small.len(), scales.len()));
        }
        let outputs = small.chunks_exact(each).zip(scales);
        Ok(outputs
            .flat_map(|(weights, scale)| weights.iter().map(move |&byte| f32::from(byte as i8) * scale))
            .collect())
    }

    fn bytes(&mut self, name: &str, kind: DataType) -> Result<Vec<u8>, String> {
        let tensor = self.0.remove(name).ok_or_else(|| format!("{name} is not in it"))?;
        match tensor.raw_data {
            Some(bytes) if tensor.data_type == Some(kind) => Ok(bytes.into_inner()),
            _ => Err(format!("{name} has another form")),
        }
    }
}
